import { Check, Entity } from 'typeorm';
import { Document } from './document.entity.js';

/** A document of the whole deployment: its settings, or its policy. */
@Entity('system_documents')
@Check('ck_system_documents_object', `jsonb_typeof(document) = 'object'`)
export class SystemDocument extends Document {}
