import { InvalidInputError } from '../common/errors/common.errors.js';
import type { ErrorEnvelope } from '../common/http/error-envelope.js';

/** `{success:false, data:[], total:0}`, and what is wrong with a query. */
export const listEnvelope: ErrorEnvelope = (error) => ({
  success: false,
  data: [],
  total: 0,
  ...(error instanceof InvalidInputError && { message: error.message }),
});

/** `{success:false, data:{}, message}`. */
export const memberEnvelope: ErrorEnvelope = (error) => ({ success: false, data: {}, message: error.message });

/** `{success:false, message, error?}`, where the message itself says what is wrong with a request. */
export const userEnvelope: ErrorEnvelope = (error) => ({
  success: false,
  message: error.message,
  ...(error.detail !== undefined && !(error instanceof InvalidInputError) && { error: error.detail }),
});
