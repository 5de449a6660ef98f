-- The two roles that docs/grants.sql speaks of: "migrator" owns the tables, and "service" reads and writes their rows.
-- Once, before the first migration, as a superuser, in the database of the service:
--
--   MIGRATOR_PASSWORD=… SERVICE_PASSWORD=… psql "postgres://postgres@host:5432/database" -f docs/roles.sql

\set ON_ERROR_STOP on
\getenv migrator_password MIGRATOR_PASSWORD
\getenv service_password SERVICE_PASSWORD

create role migrator login password :'migrator_password';
create role service login password :'service_password';

grant usage, create on schema public to migrator;
grant usage on schema public to service;
