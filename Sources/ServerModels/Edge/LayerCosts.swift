import Vocabulary

/// What each way to run a layer on a device takes.
///
/// On the systolic array, weight stationary: ceil(K / rows) ceil(N / columns) passes of M + rows + columns -
/// 2 cycles each; groups of a depthwise layer are spread over the columns. In macros: M ceil(K / rows)
/// ceil(N / columns) passes of 8 / b cycles, groups one after another, shared among the macros. The larger of
/// compute, buffer and DRAM time counts, as buffers are double; energy is products, accesses and writes.
struct LayerCosts {
    let device: EdgeDevice
    /// Whether weights and activations fit the buffer, so that DRAM is not asked.
    let fitsBuffer: Bool
    let items: Double

    init(_ device: EdgeDevice, running network: NetworkShape, items: Int) {
        self.device = device
        self.items = Double(items)
        fitsBuffer =
            network.weightBytes + network.activationBytesMax * Double(items) <= device.array.bufferBytes
    }

    /// Every way to run a layer; the array alone is always one.
    func options(_ layer: NetworkLayer) -> [PlacementOption] {
        let alone = onArray(layer, share: 1)
        guard let macros = device.macros, layer.hasProducts else { return [alone] }
        var options = [alone]
        let holds = layer.isDynamic ? [false] : [true, false]
        for isHeld in holds {
            options.append(inMacros(layer, macros, share: 1, isHeld: isHeld))
            guard layer.groups == 1, layer.columns >= 4 else { continue }
            for quarters in 1...3 {
                let share = Double(quarters) / 4
                let cim = inMacros(layer, macros, share: share, isHeld: isHeld)
                let npu = onArray(layer, share: 1 - share)
                // What the macros made goes back to the buffer, beside the array's part.
                let back = layer.outputBytes * share * items
                options.append(
                    PlacementOption(
                        place: .both(quarters: quarters, isHeld: isHeld), needs: .both, leaves: .array,
                        arraySeconds: npu.arraySeconds,
                        macroSeconds: cim.macroSeconds + back / macros.busBytesPerSecond,
                        seconds: max(npu.seconds, cim.seconds + back / macros.busBytesPerSecond),
                        joules: npu.joules + cim.joules + back * macros.busPicojoulesPerByte * 1e-12,
                        tiles: cim.tiles, isWritten: cim.isWritten))
            }
        }
        return options
    }

    /// What it takes to move the input of a layer between the array's buffer and the macros.
    func move(_ bytes: Double) -> (seconds: Double, joules: Double) {
        guard let macros = device.macros else { return (0, 0) }
        let moved = bytes * items
        let perByte = macros.busPicojoulesPerByte + device.array.bufferPicojoulesPerByte
        return (moved / macros.busBytesPerSecond, moved * perByte * 1e-12)
    }

    /// Filters of a share of a layer, at least one.
    private func columns(_ layer: NetworkLayer, _ share: Double) -> Double {
        max(1, (Double(layer.columns) * share).rounded(.up))
    }

    private func onArray(_ layer: NetworkLayer, share: Double) -> PlacementOption {
        let array = device.array
        let (input, output) = (layer.inputBytes * items, layer.outputBytes * share * items)
        var (cycles, macs, held, buffer) = (0.0, 0.0, 0.0, input + output)
        if layer.hasProducts {
            let filters = share == 1 ? Double(layer.columns) : columns(layer, share)
            let width = layer.isDynamic ? filters : filters * Double(layer.groups)
            let passes =
                (Double(layer.inner) / Double(array.rows)).rounded(.up)
                * (width / Double(array.columns)).rounded(.up) * (layer.isDynamic ? Double(layer.groups) : 1)
            let perPass = Double(layer.rows) * (layer.isDynamic ? 1 : items)
            let repeats = layer.isDynamic ? items : 1
            cycles = passes * repeats * (perPass + Double(array.rows + array.columns - 2))
            macs = Double(layer.rows) * Double(layer.inner) * filters * Double(layer.groups) * items
            held = Double(layer.inner) * filters * Double(layer.groups) * repeats
            // Inputs are read once for every set of columns, weights once.
            let reads = layer.groups == 1 ? (filters / Double(array.columns)).rounded(.up) : 1
            buffer = input * reads + output + held
        }
        cycles += layer.vectorOperations * items / array.vectorOperationsPerCycle
        let weights = fitsBuffer || layer.isDynamic ? 0 : held
        let spilled = fitsBuffer || (input + output) <= array.bufferBytes ? 0 : input + output
        let memory = weights + spilled
        let busy =
            max(
                cycles / array.clockHertz,
                max(
                    buffer / (array.bufferBytesPerCycle * array.clockHertz),
                    memory / array.memoryBytesPerSecond))
            + array.launchSeconds
        let picojoules =
            (macs + layer.vectorOperations * items) * array.picojoulesPerMAC
            + buffer * array.bufferPicojoulesPerByte + memory * array.memoryPicojoulesPerByte
        return PlacementOption(
            place: .array, needs: .array, leaves: .array, arraySeconds: busy, macroSeconds: 0, seconds: busy,
            joules: picojoules * 1e-12, tiles: 0, isWritten: false)
    }

    private func inMacros(
        _ layer: NetworkLayer, _ macros: MemoryMacros, share: Double, isHeld: Bool
    ) -> PlacementOption {
        let filters = share == 1 ? Double(layer.columns) : columns(layer, share)
        let groups = Double(layer.groups)
        let deep = (Double(layer.inner) / Double(macros.rows)).rounded(.up)
        let wide = (filters / Double(macros.columns)).rounded(.up)
        let passes = Double(layer.rows) * items * deep * wide * groups
        let pieces = deep * wide * groups
        // No more macros work at once than there are pieces of weights.
        let working = min(Double(macros.count), pieces)
        let cycles = passes * macros.cyclesPerPass / working
        let macs = Double(layer.rows) * Double(layer.inner) * filters * groups * items
        let (input, output) = (layer.inputBytes * items, layer.outputBytes * share * items)
        let width = Double(macros.columns) * working
        let reads = layer.groups == 1 ? (filters / width).rounded(.up) : 1
        let bus = input * max(0, reads - 1)
        var picojoules =
            macs * macros.picojoulesPerMAC + bus * macros.busPicojoulesPerByte
            + (input * reads + output) * device.array.bufferPicojoulesPerByte
        if let each = macros.picojoulesPerConversion {
            let conversions =
                Double(layer.rows) * items * deep * filters * groups * 8 * macros.cyclesPerPass
            picojoules += conversions * each
        }
        var seconds = max(cycles / macros.clockHertz, bus / macros.busBytesPerSecond)
        if !isHeld {
            let repeats = layer.isDynamic ? items : 1
            let written = Double(layer.inner) * filters * groups * repeats
            let isFar = !fitsBuffer && !layer.isDynamic
            let source =
                isFar ? device.array.memoryPicojoulesPerByte : device.array.bufferPicojoulesPerByte
            let cells = written / (macros.writeBytesPerCycle * Double(macros.count) * macros.clockHertz)
            let far = isFar ? written / device.array.memoryBytesPerSecond : 0
            seconds += max(cells, max(far, written / macros.busBytesPerSecond))
            picojoules +=
                written * (macros.writePicojoulesPerByte + macros.busPicojoulesPerByte + source)
        }
        let busy = seconds + device.array.launchSeconds
        let tiles = deep * (filters * groups / Double(macros.columns)).rounded(.up)
        return PlacementOption(
            place: isHeld ? .macrosHeld : .macrosWritten, needs: .macros, leaves: .macros, arraySeconds: 0,
            macroSeconds: busy, seconds: busy, joules: picojoules * 1e-12,
            tiles: isHeld ? Int(min(tiles, 1e9)) : 0, isWritten: !isHeld)
    }
}
