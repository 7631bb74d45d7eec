-- How far the running clocks are counted anew on each edition of the calendar: every clock that a
-- fact at `upto` or before has set is dealt with. What came of it is in the journal.
create schema clocks;
create table clocks.recounted (
    edition bigint primary key,
    upto    bigint not null
);
grant usage on schema clocks to {role};
grant select, insert, update on clocks.recounted to {role};
