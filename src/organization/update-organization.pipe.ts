import { Injectable, type PipeTransform } from '@nestjs/common';
import { isJsonObject, readJson } from '../common/json/json-text.js';
import { validateDto } from '../common/validation/validate-dto.js';
import { UpdateOrganizationDto } from './dto/update-organization.dto.js';
import { NoValidFieldsError } from './organization.errors.js';
import type { OrganizationChanges } from './organization.repository.js';

/**
 * Makes the changes to an organization of a request body: what cannot be updated is left out, a wrong value is an
 * error that names its field.
 */
@Injectable()
export class UpdateOrganizationPipe implements PipeTransform<Buffer | undefined, Promise<OrganizationChanges>> {
  async transform(body: Buffer | undefined): Promise<OrganizationChanges> {
    const { value } = readJson(body);
    if (!isJsonObject(value)) throw new NoValidFieldsError();
    const { is_business: isBusiness, ...dto } = await validateDto(UpdateOrganizationDto, value);
    const changes = Object.fromEntries(
      Object.entries({ ...dto, isBusiness }).filter(([, field]) => field !== undefined),
    );
    if (Object.keys(changes).length === 0) throw new NoValidFieldsError();
    return changes;
  }
}
