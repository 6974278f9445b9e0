-- What the audit trail of all schedules is looked through by, besides the key (the newest first): the kind of event, and who
-- did it, with or without the kind. Whoever asks for one person's events asks for each kind of them in turn, so that one
-- index serves both.

create index schedule_events_by_type on pgbeat.schedule_events (event_type, id);
create index schedule_events_by_actor on pgbeat.schedule_events (changed_by, event_type, id);
