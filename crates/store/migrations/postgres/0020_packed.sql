-- From here on the documents of a plan are compressed (crates/store/src/packed.rs). The tables are as they were; the number keeps programs that
-- would read a compressed document as the document itself from opening the database.
SELECT 1;
