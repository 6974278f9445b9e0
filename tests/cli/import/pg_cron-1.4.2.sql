-- cron.job as the extension pg_cron 1.4.2 makes it, with rows that its functions wrote (cron.schedule,
-- cron.schedule_in_database). The last two are what 1.5 and later take besides, written by hand after its documentation.
CREATE SCHEMA cron;
CREATE TABLE cron.job (
    jobid bigint NOT NULL,
    schedule text NOT NULL,
    command text NOT NULL,
    nodename text DEFAULT 'localhost'::text NOT NULL,
    nodeport integer DEFAULT inet_server_port() NOT NULL,
    database text DEFAULT current_database() NOT NULL,
    username text DEFAULT CURRENT_USER NOT NULL,
    active boolean DEFAULT true NOT NULL,
    jobname name
);
INSERT INTO cron.job VALUES (1, '30 2 * * *', 'vacuum analyze', 'localhost', 5432, current_database(), 'postgres', true, 'nightly vacuum');
INSERT INTO cron.job VALUES (2, '*/5 * */2 * 1', 'delete from sessions where seen < now() - interval ''1 day'';', 'localhost', 5432, current_database(), 'postgres', true, NULL);
INSERT INTO cron.job VALUES (3, '@daily', 'select 1; select ''a;b''', 'localhost', 5432, current_database(), 'postgres', true, 'two things');
INSERT INTO cron.job VALUES (4, '0 0 1 1 *', 'select refresh()', 'localhost', 5432, 'dj', 'postgres', false, 'elsewhere');
INSERT INTO cron.job VALUES (5, '0 0 * * fri', 'select $q$one; two$q$ -- ; three', 'localhost', 5432, current_database(), 'postgres', true, 'quoted');
INSERT INTO cron.job VALUES (6, '30 seconds', 'select 1', 'localhost', 5432, current_database(), 'postgres', true, 'seconds');
INSERT INTO cron.job VALUES (7, '0 0 $ * *', 'select 1', 'localhost', 5432, current_database(), 'postgres', true, 'last day');
