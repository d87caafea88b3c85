import tests from './playwright.config'

/** Not a test: writes docs/images. */
export default { ...tests, testMatch: '**/readme.shots.ts' }
