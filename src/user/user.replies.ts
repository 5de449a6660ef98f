import type { Reply } from '../common/http/api-reply.decorator.js';
import { refusedReply } from '../common/http/refused.replies.js';

export const userNotFoundReply: Reply = {
  name: 'UserNotFound',
  ...refusedReply('The token speaks for a user that does not exist.', 'User not found', { 'No user': undefined }),
};
