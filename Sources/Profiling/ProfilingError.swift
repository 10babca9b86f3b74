import Vocabulary
public enum ProfilingError: Error { case noServiceSamples(schedule: Schedule) }
