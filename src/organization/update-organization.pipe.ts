import { Injectable, type PipeTransform } from '@nestjs/common';
import { isJsonObject, readJsonMembers } from '../common/json/json-text.js';
import { membersOf, validateDto } from '../common/validation/validate-dto.js';
import { UpdateOrganizationDto } from './dto/update-organization.dto.js';
import { NoValidFieldsError } from './organization.errors.js';
import type { ProfileColumns } from './profile-change.js';
import { PROFILE_FIELDS } from './profile-fields.js';

/**
 * Makes the changes to an organization of a request body: what cannot be updated is left out, a wrong value is an
 * error that names its field.
 */
@Injectable()
export class UpdateOrganizationPipe implements PipeTransform<Buffer | undefined, Promise<ProfileColumns>> {
  async transform(body: Buffer | undefined): Promise<ProfileColumns> {
    const value = readJsonMembers(body, membersOf(UpdateOrganizationDto));
    if (!isJsonObject(value)) throw new NoValidFieldsError();
    const dto: Record<string, unknown> = { ...(await validateDto(UpdateOrganizationDto, value)) };
    const changes = Object.fromEntries(
      PROFILE_FIELDS.filter(({ name }) => dto[name] !== undefined).map(({ name, column }) => [column, dto[name]]),
    ) as ProfileColumns;
    if (Object.keys(changes).length === 0) throw new NoValidFieldsError();
    return changes;
  }
}
