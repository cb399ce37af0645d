-- The hot store: the event table of docs/events.md in PostgreSQL, a hypertable where TimescaleDB is loaded.
-- Columns have the names of the Delta table, so a query moves between the two unchanged. May be run again at any time.

CREATE TABLE IF NOT EXISTS analytics_events (
  "timestamp"        timestamptz NOT NULL,
  channel            text NOT NULL,
  platform           text,
  event_type         text NOT NULL,
  event_category     text,
  resource_id        text,
  resource_title     text,
  interaction_target text,
  session_id         text,
  user_id            text,
  device_id          text,
  user_agent         text,
  client_version     text,
  interaction_value  double precision,
  interaction_text   text,
  metadata           jsonb,
  _topic             text NOT NULL,
  _partition         integer NOT NULL,
  _offset            bigint NOT NULL,
  _kafka_timestamp   timestamptz,
  -- How often the record was delivered: delivery is at least once, and what came again is counted here.
  deliveries         integer NOT NULL DEFAULT 1
);

-- Records that are no event here, with their bytes.
CREATE TABLE IF NOT EXISTS analytics_events_rejected (
  _topic           text NOT NULL,
  _partition       integer NOT NULL,
  _offset          bigint NOT NULL,
  _kafka_timestamp timestamptz,
  value            bytea,
  reason           text NOT NULL,
  deliveries       integer NOT NULL DEFAULT 1,
  PRIMARY KEY (_topic, _partition, _offset)
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
     AND current_setting('shared_preload_libraries') LIKE '%timescaledb%' THEN
    CREATE EXTENSION IF NOT EXISTS timescaledb;
    PERFORM create_hypertable('analytics_events', by_range('timestamp', INTERVAL '1 day'),
                              create_default_indexes => false, if_not_exists => true);
  END IF;
END
$$;

-- A hypertable's unique index must hold its time column. A record's time follows from the record, so its place alone decides.
CREATE UNIQUE INDEX IF NOT EXISTS analytics_events_place ON analytics_events (_topic, _partition, _offset, "timestamp");
CREATE INDEX IF NOT EXISTS analytics_events_timestamp ON analytics_events ("timestamp" DESC);

-- Milliseconds since the epoch as an instant; null beyond the years that the event table accepts.
CREATE OR REPLACE FUNCTION instant_of_ms(ms bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN ms BETWEEN -2208988800000 AND 253402300799999
              THEN timestamptz 'epoch' + ms * interval '1 millisecond' END
$$;

-- RFC 3339 text, or a number of seconds or milliseconds, as docs/events.md reads it; null where it is unfit.
CREATE OR REPLACE FUNCTION event_instant(kind text, content text) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  parts   text[];
  micros  numeric;
  instant timestamptz;
BEGIN
  IF kind = 'string' THEN
    parts := regexp_match(content, '^(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:(\.\d{1,6})\d{0,3})?'
                                   '(?:[Zz]|([+-])((?:[01]\d|2[0-3]):[0-5]\d))?$');
    IF parts IS NULL THEN RETURN NULL; END IF;
    instant := ((parts[1] || ' ' || parts[2] || coalesce(parts[3], ''))::timestamp
               - coalesce((parts[4] || parts[5])::interval, interval '0')) AT TIME ZONE 'UTC';
  ELSIF kind = 'number' AND abs(content::numeric) < 1e14 THEN
    micros := trunc(content::numeric * CASE WHEN abs(content::numeric) < 1e11 THEN 1000000 ELSE 1000 END);
    instant := timestamptz 'epoch' + div(micros, 1000000)::float8 * interval '1 second'
               + mod(micros, 1000000)::float8 * interval '1 microsecond';
  END IF;
  IF instant >= timestamptz '1900-01-01 00:00:00+00' AND instant < timestamptz '10000-01-01 00:00:00+00' THEN
    RETURN instant;
  END IF;
  RETURN NULL;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END
$$;

-- A number, or text that is one; null where it is unfit.
CREATE OR REPLACE FUNCTION event_number(kind text, content text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF kind NOT IN ('number', 'string') OR content !~ '^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$' THEN RETURN NULL; END IF;
  RETURN content::double precision;
EXCEPTION WHEN data_exception THEN
  RETURN CASE WHEN content ~ '[eE]-' THEN 0 END;
END
$$;

-- JSON text parsed; other text becomes a JSON string. The same for `metadata` of the Delta table, which holds text.
CREATE OR REPLACE FUNCTION parsed_json(content text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN content::jsonb;
EXCEPTION WHEN data_exception THEN
  RETURN to_jsonb(content);
END
$$;

-- A text column takes every scalar as its JSON text; objects and arrays are no text.
CREATE OR REPLACE FUNCTION event_text(event json, field text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN json_typeof(event -> field) IN ('string', 'number', 'boolean') THEN event ->> field END
$$;

-- One record's value as a row; `reason` says why it is none. Never throws: one bad record would hold up its batch for ever.
CREATE OR REPLACE FUNCTION read_event(
  value bytea, kafka_timestamp timestamptz,
  OUT "timestamp" timestamptz, OUT channel text, OUT platform text, OUT event_type text, OUT event_category text,
  OUT resource_id text, OUT resource_title text, OUT interaction_target text, OUT session_id text, OUT user_id text,
  OUT device_id text, OUT user_agent text, OUT client_version text, OUT interaction_value double precision,
  OUT interaction_text text, OUT metadata jsonb, OUT reason text
)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  event json;
BEGIN
  event := convert_from(value, 'UTF8')::json;
  IF json_typeof(event) <> 'object' THEN
    reason := 'not an object';
    RETURN;
  END IF;
  "timestamp" := coalesce(event_instant(json_typeof(event -> 'timestamp'), event ->> 'timestamp'), kafka_timestamp);
  channel := coalesce(event_text(event, 'channel'), 'unknown');
  platform := event_text(event, 'platform');
  event_type := coalesce(event_text(event, 'event_type'), 'unknown');
  event_category := event_text(event, 'event_category');
  resource_id := event_text(event, 'resource_id');
  resource_title := event_text(event, 'resource_title');
  interaction_target := event_text(event, 'interaction_target');
  session_id := event_text(event, 'session_id');
  user_id := event_text(event, 'user_id');
  device_id := event_text(event, 'device_id');
  user_agent := event_text(event, 'user_agent');
  client_version := event_text(event, 'client_version');
  interaction_value := event_number(json_typeof(event -> 'interaction_value'), event ->> 'interaction_value');
  interaction_text := event_text(event, 'interaction_text');
  metadata := parsed_json(event ->> 'metadata');
  IF "timestamp" IS NULL THEN reason := 'no timestamp'; END IF;
EXCEPTION WHEN OTHERS THEN
  reason := SQLERRM;
END
$$;

-- Takes a batch of records, a JSON array of {value: base64, topic, partition, offset, kafka_timestamp_ms}; returns how many.
-- All or none: a batch that fails is delivered again, and what had been taken before is counted in `deliveries`.
CREATE OR REPLACE FUNCTION take_events(batch jsonb) RETURNS bigint
LANGUAGE sql AS $$
  WITH delivered AS (
    SELECT topic, "partition", "offset", count(*)::integer AS deliveries,
           min(instant_of_ms(kafka_timestamp_ms)) AS kafka_timestamp, decode(min(value), 'base64') AS value
    FROM jsonb_to_recordset(batch)
      AS record (value text, topic text, "partition" integer, "offset" bigint, kafka_timestamp_ms bigint)
    GROUP BY topic, "partition", "offset"
  ), read AS MATERIALIZED (
    -- In one order: two batches that share records must not wait for each other.
    SELECT delivered.*, event.* FROM delivered, read_event(delivered.value, kafka_timestamp) AS event
    ORDER BY topic, "partition", "offset"
  ), taken AS (
    INSERT INTO analytics_events AS known
    SELECT "timestamp", channel, platform, event_type, event_category, resource_id, resource_title, interaction_target,
           session_id, user_id, device_id, user_agent, client_version, interaction_value, interaction_text, metadata,
           topic, "partition", "offset", kafka_timestamp, deliveries
    FROM read WHERE reason IS NULL
    ON CONFLICT (_topic, _partition, _offset, "timestamp")
    DO UPDATE SET deliveries = known.deliveries + excluded.deliveries
  ), rejected AS (
    INSERT INTO analytics_events_rejected AS known
    SELECT topic, "partition", "offset", kafka_timestamp, value, reason, deliveries
    FROM read WHERE reason IS NOT NULL
    ON CONFLICT (_topic, _partition, _offset) DO UPDATE SET deliveries = known.deliveries + excluded.deliveries
  )
  SELECT coalesce(sum(deliveries), 0) FROM read
$$;
