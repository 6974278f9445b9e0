-- What django-celery-beat 2.4.0 (Django 3.2.25, Celery 5.2.6) made of an empty database: its migrations' tables, and rows
-- that its models wrote. Dumped by pg_dump 15; sequences, keys and indexes are left out.
CREATE TABLE django_celery_beat_clockedschedule (
    id integer NOT NULL,
    clocked_time timestamp with time zone NOT NULL
);
CREATE TABLE django_celery_beat_crontabschedule (
    id integer NOT NULL,
    minute character varying(240) NOT NULL,
    hour character varying(96) NOT NULL,
    day_of_week character varying(64) NOT NULL,
    day_of_month character varying(124) NOT NULL,
    month_of_year character varying(64) NOT NULL,
    timezone character varying(63) NOT NULL
);
CREATE TABLE django_celery_beat_intervalschedule (
    id integer NOT NULL,
    every integer NOT NULL,
    period character varying(24) NOT NULL
);
CREATE TABLE django_celery_beat_periodictask (
    id integer NOT NULL,
    name character varying(200) NOT NULL,
    task character varying(200) NOT NULL,
    args text NOT NULL,
    kwargs text NOT NULL,
    queue character varying(200),
    exchange character varying(200),
    routing_key character varying(200),
    expires timestamp with time zone,
    enabled boolean NOT NULL,
    last_run_at timestamp with time zone,
    total_run_count integer NOT NULL,
    date_changed timestamp with time zone NOT NULL,
    description text NOT NULL,
    crontab_id integer,
    interval_id integer,
    solar_id integer,
    one_off boolean NOT NULL,
    start_time timestamp with time zone,
    priority integer,
    headers text NOT NULL,
    clocked_id integer,
    expire_seconds integer,
    CONSTRAINT django_celery_beat_periodictask_expire_seconds_check CHECK ((expire_seconds >= 0)),
    CONSTRAINT django_celery_beat_periodictask_priority_check CHECK ((priority >= 0)),
    CONSTRAINT django_celery_beat_periodictask_total_run_count_check CHECK ((total_run_count >= 0))
);
CREATE TABLE django_celery_beat_periodictasks (
    ident smallint NOT NULL,
    last_update timestamp with time zone NOT NULL
);
CREATE TABLE django_celery_beat_solarschedule (
    id integer NOT NULL,
    event character varying(24) NOT NULL,
    latitude numeric(9,6) NOT NULL,
    longitude numeric(9,6) NOT NULL
);
INSERT INTO django_celery_beat_clockedschedule VALUES (1, '2026-12-31 15:00:00+00');
INSERT INTO django_celery_beat_crontabschedule VALUES (1, '30', '2', 'mon-fri', '*', '*', 'Asia/Tokyo');
INSERT INTO django_celery_beat_crontabschedule VALUES (2, '0', '0', '5', '13', '*', 'UTC');
INSERT INTO django_celery_beat_crontabschedule VALUES (3, '*/20', '22-4', 'sun', '*', '1,7', 'UTC');
INSERT INTO django_celery_beat_crontabschedule VALUES (4, '0', '12', '*', '*', '*', 'UTC');
INSERT INTO django_celery_beat_crontabschedule VALUES (5, '0', '4', '*', '*', '*', 'UTC');
INSERT INTO django_celery_beat_intervalschedule VALUES (1, 90, 'seconds');
INSERT INTO django_celery_beat_intervalschedule VALUES (2, 2, 'days');
INSERT INTO django_celery_beat_intervalschedule VALUES (3, 500, 'microseconds');
INSERT INTO django_celery_beat_periodictask VALUES (1, 'nightly report', 'reports.tasks.nightly', '[]', '{"of": "yesterday", "codes": [7203]}', NULL, NULL, NULL, NULL, true, NULL, 0, '2026-11-22 14:34:59.927542+00', 'Before the market opens', 1, NULL, NULL, false, NULL, NULL, '{}', NULL, NULL);
INSERT INTO django_celery_beat_periodictask VALUES (2, 'friday the 13th', 'reports.tasks.luck', '[1, "two"]', '{}', NULL, NULL, NULL, NULL, false, NULL, 0, '2026-11-22 14:34:59.963823+00', '', 2, NULL, NULL, false, NULL, NULL, '{}', NULL, NULL);
INSERT INTO django_celery_beat_periodictask VALUES (3, 'overnight', 'reports.tasks.overnight', '[]', '{}', NULL, NULL, NULL, NULL, true, NULL, 0, '2026-11-22 14:35:00.022935+00', '', 3, NULL, NULL, false, NULL, NULL, '{}', NULL, NULL);
INSERT INTO django_celery_beat_periodictask VALUES (4, 'heartbeat', 'ops.tasks.beat', '[]', '{}', 'ops', NULL, NULL, NULL, true, NULL, 0, '2026-11-22 14:35:00.08814+00', '', NULL, 1, NULL, false, NULL, 3, '{"trace": "on"}', NULL, 60);
INSERT INTO django_celery_beat_periodictask VALUES (5, 'every other day', 'ops.tasks.clean', '[]', '{}', NULL, NULL, NULL, '2027-06-01 09:30:00+00', true, NULL, 0, '2026-11-22 14:35:00.12813+00', '', NULL, 2, NULL, false, '2026-12-01 00:00:00+00', NULL, '{}', NULL, NULL);
INSERT INTO django_celery_beat_periodictask VALUES (6, 'too fast', 'ops.tasks.spin', '[]', '{}', NULL, NULL, NULL, NULL, true, NULL, 0, '2026-11-22 14:35:00.156606+00', '', NULL, 3, NULL, false, NULL, NULL, '{}', NULL, NULL);
INSERT INTO django_celery_beat_periodictask VALUES (7, 'new year', 'reports.tasks.year', '[]', '{}', NULL, NULL, NULL, NULL, true, NULL, 0, '2026-11-22 14:35:00.19882+00', '', NULL, NULL, NULL, true, NULL, NULL, '{}', 1, NULL);
INSERT INTO django_celery_beat_periodictask VALUES (8, 'once at noon', 'reports.tasks.noon', '[]', '{}', NULL, 'x', 'y', NULL, true, NULL, 0, '2026-11-22 14:35:00.311483+00', '', 4, NULL, NULL, true, NULL, NULL, '{}', NULL, NULL);
INSERT INTO django_celery_beat_periodictask VALUES (9, 'dawn', 'ops.tasks.lights', '[]', '{}', NULL, NULL, NULL, NULL, true, NULL, 0, '2026-11-22 14:35:00.405798+00', '', NULL, NULL, 1, false, NULL, NULL, '{}', NULL, NULL);
INSERT INTO django_celery_beat_periodictask VALUES (10, 'celery.backend_cleanup', 'celery.backend_cleanup', '[]', '{}', NULL, NULL, NULL, NULL, true, NULL, 0, '2026-11-22 14:35:00.456125+00', '', 5, NULL, NULL, false, NULL, NULL, '{}', NULL, 43200);
INSERT INTO django_celery_beat_periodictasks VALUES (1, '2026-11-22 14:35:00.457775+00');
INSERT INTO django_celery_beat_solarschedule VALUES (1, 'sunrise', 35.680000, 139.690000);
