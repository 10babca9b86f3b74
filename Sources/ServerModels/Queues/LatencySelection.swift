import Quantities

extension [Nanoseconds] {
    /// The latency that at least the given share does not exceed, by quickselect (C. A. R. Hoare 1961); nil
    /// where there is none. Changes the order. O(n) in the mean.
    mutating func selectLatency(at quantile: Quantile) -> Nanoseconds? {
        guard !isEmpty else { return nil }
        let index = Swift.max(1, Int((quantile.value * Double(count)).rounded(.up))) - 1
        var (low, high) = (0, count - 1)
        while low < high {
            let pivot = self[(low + high) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while self[left] < pivot { left += 1 }
                while pivot < self[right] { right -= 1 }
                guard left <= right else { break }
                swapAt(left, right)
                left += 1
                right -= 1
            }
            if index <= right { high = right } else if index >= left { low = left } else { break }
        }
        return self[index]
    }
}
