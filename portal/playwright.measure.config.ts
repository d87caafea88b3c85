import tests from './playwright.config'

/** Not tests: they print figures. */
export default { ...tests, globalSetup: [], testMatch: '**/*.measure.ts', workers: 1 }
