import { type EnvironmentError, parseEnvironment } from '../../src/config/environment.js';

/** What is wrong with the variables, each in a line. */
export const problemsOf = (variables: Record<string, string>) => {
  try {
    parseEnvironment(variables);
    return [];
  } catch (error) {
    return (error as EnvironmentError).problems;
  }
};
