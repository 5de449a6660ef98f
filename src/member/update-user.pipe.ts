import { Injectable, type PipeTransform } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { isJsonObject, readJsonMembers } from '../common/json/json-text.js';
import { membersOf, validateDto } from '../common/validation/validate-dto.js';
import { UpdateUserDto } from './dto/update-member.dto.js';

/** Reads the names in a body; a password there is an error, because nobody should believe that it was set. */
@Injectable()
export class UpdateUserPipe implements PipeTransform<Buffer | undefined, Promise<UpdateUserDto>> {
  /** @throws InvalidInputError */
  async transform(body: Buffer | undefined): Promise<UpdateUserDto> {
    const value = readJsonMembers(body, [...membersOf(UpdateUserDto), 'password']);
    if (!isJsonObject(value)) throw new InvalidInputError('the body must be an object');
    if (Object.hasOwn(value, 'password')) {
      throw new InvalidInputError('Passwords are managed by the identity provider');
    }
    return validateDto(UpdateUserDto, value);
  }
}
