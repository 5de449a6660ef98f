/** Of every reply to a request that failed: one of `ERROR_CODES`. */
export const ERROR_CODE_HEADER = 'x-error-code';
