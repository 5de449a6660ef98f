/** That the API is there. */
export class OnlineResponseDto {
  /** Always true. */
  success: boolean;

  /** Says so in words. */
  message: string;
}

/** How one of the things stands that the service needs. */
export class DependencyDto {
  /** Whether it answers. */
  status: 'up' | 'down';
}

export class DependenciesDto {
  /** PostgreSQL. While it is down, so is the service. */
  database: DependencyDto;

  /** Where requests are counted for all instances, if that is configured. While it is down, nothing limits them. */
  redis?: DependencyDto;

  /**
   * The identity provider's keys, if they are configured, as of the last time they were fetched. While it is down,
   * known keys stay in use for a day; without any the service is down, too.
   */
  keyServer?: DependencyDto;
}

/** Whether the service can do its work. */
export class HealthResponseDto {
  /** Whether requests should come here. */
  success: boolean;

  /** Says so in words. */
  message: string;

  dependencies: DependenciesDto;
}
