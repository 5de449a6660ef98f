-- Distributes the tables over the nodes of a Citus cluster (docs/scaling.md): those of organizations by the
-- organization's id, those of users by the user's. Once, after the migrations, as the owner of the tables, on the
-- coordinator:
--
--   psql "$MIGRATION_DATABASE_URL" -v ON_ERROR_STOP=1 --single-transaction -f scripts/distribute-tables.sql

-- Small, and the same for every owner: a copy on each node.
select create_reference_table('service_accounts');
select create_reference_table('operator_changes');
select create_reference_table('migrations');
select create_reference_table('schema_functions');

-- What a foreign key refers to comes before what refers to it.
select create_distributed_table('organizations', 'id', colocate_with => 'none');
select create_distributed_table('members', 'organization_id', colocate_with => 'organizations');
select create_distributed_table('organization_settings', 'organization_id', colocate_with => 'organizations');
select create_distributed_table('organization_changes', 'organization_id', colocate_with => 'organizations');
select create_distributed_table('organizations_to_thin', 'organization_id', colocate_with => 'organizations');
select create_distributed_table('invitations', 'organization_id', colocate_with => 'organizations');

select create_distributed_table('users', 'id', colocate_with => 'none');
select create_distributed_table('user_settings', 'user_id', colocate_with => 'users');
select create_distributed_table('user_changes', 'user_id', colocate_with => 'users');
select create_distributed_table('users_to_thin', 'user_id', colocate_with => 'users');
select create_distributed_table('event_reads', 'user_id', colocate_with => 'users');
-- Beside the user whose id the subject could be, so that one node says whose a token is.
select create_distributed_table('user_subjects', 'subject', colocate_with => 'users');

select create_distributed_table('user_emails', 'email', colocate_with => 'none');

-- A call of a function that is about one owner runs whole on the owner's node. Functions that reach other owners, and
-- those that read no table, are only copied to each node.
create temporary table functions_of_several_owners (name) on commit drop as values
  ('erase_user'), ('prune_organization_versions'), ('prune_user_versions'), ('invitation_claim'), ('member_change'),
  ('member_create'), ('member_get'), ('member_list'), ('user_move'), ('user_set_email'), ('user_validate');

select create_distributed_function(p.oid::regprocedure, 'p_organization_id', colocate_with => 'organizations')
from pg_proc p
where p.pronamespace = quote_ident(current_schema())::regnamespace and p.proargnames[1] = 'p_organization_id'
  and p.proname not in (select name from functions_of_several_owners);

select create_distributed_function(p.oid::regprocedure, 'p_user_id', colocate_with => 'users')
from pg_proc p
where p.pronamespace = quote_ident(current_schema())::regnamespace and p.proargnames[1] = 'p_user_id'
  and p.proname not in (select name from functions_of_several_owners);

select create_distributed_function(p.oid::regprocedure)
from pg_proc p
where p.pronamespace = quote_ident(current_schema())::regnamespace
  and (
    p.proargnames[1] not in ('p_organization_id', 'p_user_id')
    or p.proname in (select name from functions_of_several_owners))
  and not exists (
    select from pg_depend d where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e');
