comment on column pgbeat.runs.queued_at is 'When its job was added; minus scheduled_for it is the fire delay. The instant itself where the job was made ready before it, to be committed then';
