import { ValidateBy } from 'class-validator';
import { isUserId } from '../../auth/principal.js';

/** What the subject of a token may be. */
export const IsSubject = () =>
  ValidateBy({
    name: 'isSubject',
    validator: { validate: isUserId, defaultMessage: () => '$property must be 1 to 255 characters' },
  });
