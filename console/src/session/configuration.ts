/** How people sign in at an identity provider. */
export interface ProviderConfiguration {
  readonly issuer: string;
  readonly clientId: string;
  /** What is sent along when somebody signs in, such as `audience` or `scope`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What the service tells the page. */
export interface Configuration {
  readonly provider?: ProviderConfiguration;
  /** Whether there are demo users, for who has the key of this start. */
  readonly demo?: boolean;
}

const content = document.querySelector<HTMLMetaElement>('meta[name="console"]')?.content;

export const configuration = JSON.parse(content ?? '{}') as Configuration;

/** The page's address, which has neither query nor fragment. */
export const pageUrl = `${location.origin}${location.pathname.replace(/\/+$/, '')}`;

/** Where the service is: the page is its `/console`. */
export const serviceUrl = pageUrl.replace(/\/console$/, '');
