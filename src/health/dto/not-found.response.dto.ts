/** That there is nothing to see. */
export class NotFoundResponseDto {
  /** Always false. */
  success: boolean;

  /** Says so in words. */
  message: string;
}
