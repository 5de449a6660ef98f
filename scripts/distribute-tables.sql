-- Distributes the tables over the nodes of a Citus cluster (docs/scaling.md): those of organizations by the
-- organization's id, those of users by the user's. After the migrations, as the owner of the tables, on the
-- coordinator:
--
--   psql "$MIGRATION_DATABASE_URL" -v ON_ERROR_STOP=1 --single-transaction -f scripts/distribute-tables.sql
--
-- Run it again after each upgrade: it places what is new, and leaves the rest as it is.

-- One node after the other, in this transaction, in which functions follow tables.
set local citus.multi_shard_modify_mode = 'sequential';

-- What a foreign key refers to comes before what refers to it. Without an owner: a copy on each node.
create temporary table placements (name, owner, beside) on commit drop as values
  ('service_accounts', null, null),
  ('operator_changes', null, null),
  ('system_documents', null, null),
  ('policies_in_force', null, null),
  ('migrations', null, null),
  ('schema_functions', null, null),

  ('organizations', 'id', 'none'),
  ('members', 'organization_id', 'organizations'),
  ('organization_settings', 'organization_id', 'organizations'),
  ('organization_documents', 'organization_id', 'organizations'),
  ('organization_changes', 'organization_id', 'organizations'),
  ('organizations_to_thin', 'organization_id', 'organizations'),
  ('invitations', 'organization_id', 'organizations'),

  ('users', 'id', 'none'),
  ('user_settings', 'user_id', 'users'),
  ('user_changes', 'user_id', 'users'),
  ('users_to_thin', 'user_id', 'users'),
  ('event_reads', 'user_id', 'users'),
  -- Beside the user whose id the subject could be, so that one node says whose a token is.
  ('user_subjects', 'subject', 'users'),

  ('user_emails', 'email', 'none');

do $$
declare
  placement placements;
  placed regclass[] := '{}';
begin
  for placement in
    select p.* from placements p
    where not exists (select from pg_dist_partition d where d.logicalrelid = quote_ident(p.name)::regclass)
  loop
    if placement.owner is null then
      perform create_reference_table(quote_ident(placement.name)::regclass);
    else
      perform create_distributed_table(
        quote_ident(placement.name)::regclass, placement.owner, colocate_with => placement.beside);
    end if;
    placed := placed || quote_ident(placement.name)::regclass;
  end loop;
  -- The rows are on the nodes now. What is left here takes space, and its keys would hold when a row is changed.
  for n in 1 .. cardinality(placed) loop
    perform truncate_local_data_after_distributing_table(placed[n]);
  end loop;
end
$$;

-- A call of a function that is about one owner runs whole on the owner's node. Functions that reach other owners, and
-- those that read no table, are only copied to each node.
create temporary table functions_of_several_owners (name) on commit drop as values
  ('erase_user'), ('prune_impacts'), ('prune_organization_versions'), ('prune_user_versions'), ('invitation_claim'),
  ('member_change'), ('member_create'), ('member_get'), ('member_list'), ('user_move'), ('user_set_email'),
  ('user_validate');

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
    coalesce(p.proargnames[1], '') not in ('p_organization_id', 'p_user_id')
    or p.proname in (select name from functions_of_several_owners))
  and not exists (
    select from pg_depend d where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e');
