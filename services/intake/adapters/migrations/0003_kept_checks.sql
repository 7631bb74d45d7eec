-- What a check found and the marked file are kept beside the original, by their SHA-256; what was
-- checked before kept neither, and is treated like a file whose term is over.
alter table workbook.uploads
    add column check_sha256 text not null default '',
    add column marked_sha256 text not null default '';
