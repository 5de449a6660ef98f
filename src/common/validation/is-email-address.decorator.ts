import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { isEmail, ValidateBy } from 'class-validator';

/**
 * Letters of ASCII in lower case, and all others as they are: `toLowerCase` makes a `k` of the Kelvin sign (U+212A),
 * and would so turn two mailboxes into one.
 */
export function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** What RFC 5321 §4.1.2 allows, also without a top-level domain; 254 characters at most. */
const RFC_5321 = { require_tld: false, allow_ip_domain: true, allow_utf8_local_part: false };

/** An email address: trimmed, and in lower case. */
export const IsEmailAddress = () =>
  applyDecorators(
    ApiProperty({ format: 'email', maxLength: 254 }),
    Transform(({ value }) => (typeof value === 'string' ? asciiLowerCase(value.trim()) : (value as unknown)), {
      toClassOnly: true,
    }),
    ValidateBy({
      name: 'isEmailAddress',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && isAscii(value) && isEmail(value, RFC_5321),
        defaultMessage: (problem) => `${problem?.property} must be an email address of at most 254 characters`,
      },
    }),
  );

function isAscii(text: string): boolean {
  return /^[!-~]*$/.test(text);
}
