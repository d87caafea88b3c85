import { defineConfig } from '@playwright/test'

const chromium = process.env.MERLON_CHROMIUM ?? '/usr/bin/chromium'

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.e2e.ts',
  globalSetup: './e2e/global.ts',
  snapshotPathTemplate: 'e2e/pictures/{arg}{ext}',
  fullyParallel: false,
  workers: Number(process.env.MERLON_E2E_WORKERS ?? 2),
  retries: 0,
  timeout: 120_000,
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list']],
  expect: {
    timeout: 15_000,
    toHaveScreenshot: {
      // Fonts differ between machines and move edges by a pixel; a line of text that is gone or out of place is more.
      maxDiffPixelRatio: 0.01,
      threshold: 0.3,
      animations: 'disabled',
      caret: 'hide',
      scale: 'css',
    },
  },
  use: {
    browserName: 'chromium',
    actionTimeout: 30_000,
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: ['--no-sandbox', '--disable-lcd-text', '--font-render-hinting=none'],
      env: { ...process.env, FONTCONFIG_FILE: new URL('e2e/fonts.conf', import.meta.url).pathname },
    },
  },
})
