-- What the role "service" may do, and nothing else: all that the service and the administration command need.
-- Run it as the role that owns the tables, after each migration; running it again changes nothing.
--
-- The service changes settings, profiles and the history only through functions, which name the owner and check the
-- caller (docs/adr/0016-functions-in-files.md).

grant select on migrations, schema_functions to service;

grant select on users, members to service;
grant select, insert, update on service_accounts to service;
grant select, insert on organizations to service;
grant select on organization_documents, system_documents to service;
grant select on organization_settings, user_settings, organization_changes, user_changes, operator_changes to service;
grant select on user_emails, user_subjects, invitations to service;
grant select on organizations_to_thin, users_to_thin to service;
grant select, insert, delete on event_reads to service;

-- PostgreSQL lets everybody call a function, unless told otherwise, as the migrations do. Both are in the schema of the
-- tables, whatever its name is.
do $$
begin
  execute format('grant usage on schema %I to service', current_schema());
  execute format('grant execute on all functions in schema %I to service', current_schema());
end
$$;
