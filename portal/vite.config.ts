/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vite'

const server = process.env.MERLON_SERVER ?? 'http://127.0.0.1:7070'
const chromium = process.env.MERLON_CHROMIUM ?? '/usr/bin/chromium'

export default defineConfig({
  plugins: [react()],
  // The server puts a nonce of its own into each answer: styles that components make carry it.
  html: { cspNonce: '__MERLON_NONCE__' },
  resolve: { alias: { '#': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { host: '127.0.0.1', proxy: { '/api': { target: server, xfwd: false } } },
  build: {
    target: 'es2022',
    sourcemap: false,
    // The module preloads are links of the document: the small script that older browsers need for them is not.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'functions', environment: 'node', include: ['src/**/*.spec.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['src/**/*.browser.spec.tsx'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: chromium, args: ['--no-sandbox'] } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})
