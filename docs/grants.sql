-- What the role "service" may do, and nothing else: all that the service and the administration command need.
-- Run it as the role that owns the tables, after each migration; running it again changes nothing.

grant select on migrations to service;

grant select, insert, update, delete on users, members, user_settings to service;
grant select, insert, update on organizations, organization_settings, service_accounts to service;
grant select, insert, update, delete on organization_changes to service;
grant select, insert, delete on user_changes, event_reads to service;

grant usage on sequence change_sequence to service;

-- The functions run with the rights of their caller. PostgreSQL lets everybody call them, unless told otherwise.
grant execute on all functions in schema public to service;
