import { ValidateBy } from 'class-validator';
import { isUserId, PROFILE } from '../../auth/principal.js';

/** What the subject of a token may be. */
export const IsSubject = () =>
  ValidateBy({
    name: 'isSubject',
    validator: {
      validate: (value: unknown) => isUserId(value) && value !== PROFILE,
      defaultMessage: (problem) =>
        problem?.value === PROFILE ? `$property must not be ${PROFILE}` : '$property must be 1 to 255 characters',
    },
  });
