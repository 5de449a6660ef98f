import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { isEmail, ValidateBy } from 'class-validator';

/** What RFC 5321 §4.1.2 allows, also without a top-level domain; 254 characters at most. */
const RFC_5321 = { require_tld: false, allow_ip_domain: true };

/** An email address: trimmed, and in lower case. */
export const IsEmailAddress = () =>
  applyDecorators(
    ApiProperty({ format: 'email', maxLength: 254 }),
    Transform(({ value }) => (typeof value === 'string' ? value.trim().toLowerCase() : (value as unknown)), {
      toClassOnly: true,
    }),
    ValidateBy({
      name: 'isEmailAddress',
      validator: {
        // The library throws on a lone surrogate.
        validate: (value: unknown) => typeof value === 'string' && value.isWellFormed() && isEmail(value, RFC_5321),
        defaultMessage: (problem) => `${problem?.property} must be an email address of at most 254 characters`,
      },
    }),
  );
