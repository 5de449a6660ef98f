-- Takes the content of a document's versions from `p_oldest` to the one before `p_first`, at most 256 of them, oldest
-- first. Who made them, when, how, why and where stays. The first version that keeps its content is kept whole from
-- then on, so that it and those after it can be shown as before.
create or replace function thin_organization_versions(
  p_organization_id uuid, p_context integer, p_oldest bigint, p_first bigint, out versions integer, out bytes bigint
)
language plpgsql volatile as $function$
declare
  max_versions constant integer := 256;
  oldest bigint;
  first_kept bigint;
  document jsonb;
begin
  -- In the order in which a change locks, and erasing a user.
  if p_context = 8 then
    perform from organization_settings s where s.organization_id = p_organization_id for update;
  elsif p_context = 4 then
    perform from organizations o where o.id = p_organization_id for no key update;
  elsif is_system(p_organization_id) then
    perform from system_documents d where d.kind = p_context for update;
  else
    perform from organization_documents d
      where d.organization_id = p_organization_id and d.kind = p_context for update;
  end if;
  select min(c.version) into oldest from organization_changes c
    where c.organization_id = p_organization_id and c.context = p_context
      and c.version >= p_oldest and c.thinned_operations is null;
  first_kept := least(p_first, oldest + max_versions);

  document := organization_document_at(p_organization_id, p_context, first_kept);
  update organization_changes c set snapshot = document
    where c.organization_id = p_organization_id and c.context = p_context and c.version = first_kept
      and c.snapshot is null;
  select count(*), coalesce(sum(pg_column_size(c.patch) + coalesce(pg_column_size(c.snapshot), 0)), 0)
    into versions, bytes from organization_changes c
    where c.organization_id = p_organization_id and c.context = p_context
      and c.version >= oldest and c.version < first_kept and c.thinned_operations is null;
  update organization_changes c
    set patch = settings_outline(c.patch), snapshot = null, thinned_operations = jsonb_array_length(c.patch)
    where c.organization_id = p_organization_id and c.context = p_context
      and c.version >= oldest and c.version < first_kept and c.thinned_operations is null;
  if p_context = 8 then
    update organization_settings s set history_from = first_kept where s.organization_id = p_organization_id;
  elsif p_context = 4 then
    update organizations o set history_from = first_kept where o.id = p_organization_id;
  elsif is_system(p_organization_id) then
    update system_documents d set history_from = first_kept where d.kind = p_context;
  else
    update organization_documents d set history_from = first_kept
      where d.organization_id = p_organization_id and d.kind = p_context;
  end if;
end
$function$;
