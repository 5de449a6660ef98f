import type { ServiceScope } from '../auth/service-scope.js';
import type { Reply } from '../common/http/api-reply.decorator.js';
import { SettingsErrorDto } from '../common/http/settings-error.dto.js';

/** The 403 reply. */
export const onlyForServicesReply = (scope: ServiceScope): Reply => ({
  description: 'The caller is no service account of all organizations, or lacks the scope.',
  type: SettingsErrorDto,
  examples: {
    'A user': {
      success: false,
      message: 'Insufficient permissions: only service accounts of all organizations can do this',
    },
    'No scope': { success: false, message: `Insufficient permissions: the scope ${scope} is required` },
  },
});
