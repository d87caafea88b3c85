import tests from './playwright.config'

/** Not a test: writes docs/images. */
export default { ...tests, globalSetup: [], testMatch: '**/readme.shots.ts' }
