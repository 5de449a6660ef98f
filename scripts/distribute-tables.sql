-- Distributes the tables over the nodes of a Citus cluster (docs/scaling.md): those of organizations by the organization's id,
-- those of users by the user's. Once, after the migrations, as the owner of the tables, on the coordinator:
--
--   psql "$MIGRATION_DATABASE_URL" -v ON_ERROR_STOP=1 --single-transaction -f scripts/distribute-tables.sql

-- Ids of changes take their last bits from the sequence of the node on which they are made.
select * from run_command_on_workers('create sequence if not exists change_sequence minvalue 0 maxvalue 4095 cycle');

-- Each statement runs whole on the node that has its rows, so the functions have to be there.
select create_distributed_function(p.oid::regprocedure)
from pg_proc p
where p.pronamespace = current_schema()::regnamespace
  and not exists (select from pg_depend d where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e');

-- Small, and joined with the rows of any owner: a copy on each node.
select create_reference_table('service_accounts');

-- What a foreign key refers to comes before what refers to it.
select create_distributed_table('organizations', 'id', colocate_with => 'none');
select create_distributed_table('members', 'organization_id', colocate_with => 'organizations');
select create_distributed_table('organization_settings', 'organization_id', colocate_with => 'organizations');
select create_distributed_table('organization_changes', 'organization_id', colocate_with => 'organizations');

select create_distributed_table('users', 'id', colocate_with => 'none');
select create_distributed_table('user_settings', 'user_id', colocate_with => 'users');
select create_distributed_table('user_changes', 'user_id', colocate_with => 'users');
select create_distributed_table('event_reads', 'user_id', colocate_with => 'users');
