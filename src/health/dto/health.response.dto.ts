/** That the API is there. */
export class OnlineResponseDto {
  /** Always true. */
  success: boolean;

  /** Says so in words. */
  message: string;
}

/** How one of the things stands that the service needs. */
export class DependencyDto {
  status: 'up' | 'down';
}

export class DependenciesDto {
  database: DependencyDto;
}

/** Whether the service can do its work. */
export class HealthResponseDto {
  /** Whether every dependency is up. */
  success: boolean;

  /** Says so in words. */
  message: string;

  dependencies: DependenciesDto;
}
