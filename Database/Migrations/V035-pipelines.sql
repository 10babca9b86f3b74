-- A schedule of sparse and dense threads runs each piece twice. The columns that every measurement has then tell of its
-- dense part (service_samples_blob) and of both together (utilisation_fraction, of all cores that the threads have);
-- these tell of the rest. All are NULL for other partitions, and in rows older than the columns.

ALTER TABLE measurement ADD COLUMN sparse_service_samples_blob BLOB;
ALTER TABLE measurement ADD COLUMN sparse_utilisation_fraction REAL
    CHECK (sparse_utilisation_fraction BETWEEN 0 AND 1);
ALTER TABLE measurement ADD COLUMN dense_utilisation_fraction REAL
    CHECK (dense_utilisation_fraction BETWEEN 0 AND 1);
-- From the end of a piece's sparse part to the start of its dense part.
ALTER TABLE measurement ADD COLUMN hand_over_p50_nanoseconds INTEGER CHECK (hand_over_p50_nanoseconds >= 0);
ALTER TABLE measurement ADD COLUMN hand_over_p99_nanoseconds INTEGER CHECK (hand_over_p99_nanoseconds >= 0);
-- The same for pieces that found a dense thread idle.
ALTER TABLE measurement ADD COLUMN dense_dispatch_p50_nanoseconds INTEGER
    CHECK (dense_dispatch_p50_nanoseconds >= 0);

-- Which sparse threads a compared schedule has.
ALTER TABLE throughput_comparison ADD COLUMN sparse_threads INTEGER CHECK (sparse_threads >= 1);
ALTER TABLE throughput_comparison ADD COLUMN sparse_workers INTEGER CHECK (sparse_workers >= 1);
