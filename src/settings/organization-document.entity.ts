import { Check, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Organization } from '../organization/organization.entity.js';
import { Document } from './document.entity.js';

/** A document of an organization that has no table of its own: its policy. */
@Entity('organization_documents')
@Check('ck_organization_documents_object', `jsonb_typeof(document) = 'object'`)
export class OrganizationDocument extends Document {
  @PrimaryColumn({ name: 'organization_id', type: 'uuid' })
  @ForeignKey(() => Organization, { name: 'fk_organization_documents_organization' })
  organizationId: string;
}
