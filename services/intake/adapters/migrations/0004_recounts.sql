-- How far the open terms are counted anew on each edition of the calendar. What came of it is in
-- the journal; this says what a page shows, and where a recount that was cut off goes on:
-- every term that a fact at `upto` or before has set is dealt with.
create schema terms;
create table terms.recounts (
    edition  bigint primary key,
    upto     bigint not null default 0,
    open     integer not null,
    moved    integer not null default 0,
    begun    timestamptz not null,
    finished timestamptz
);
grant usage on schema terms to {role};
grant select, insert, update on terms.recounts to {role};
