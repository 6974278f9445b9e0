import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'

/** Where `npm run build` puts the dashboard. */
const directory = fileURLToPath(new URL('../../dist/web/', import.meta.url))

/** What the page may load and do: what this site has, and nothing written into the page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Whether there is a dashboard to serve. */
function isBuilt(): boolean {
  return existsSync(`${directory}index.html`)
}

/** The dashboard's page, whatever the path: it shows what belongs there by itself. */
export function sendDashboard(response: Response): void {
  response.set('Content-Security-Policy', policy).sendFile('index.html', { root: directory, cacheControl: false })
}

/** Whether a browser asks for a page, not a program for data. */
export function wantsPage(request: Request): boolean {
  return request.accepts(['json', 'html']) === 'html' && isBuilt()
}

/** The files that the page is made of: their names change with what is in them. */
export function dashboardAssets(): Router {
  const router = Router({ caseSensitive: true })
  router.use(express.static(`${directory}assets`, { index: false, immutable: true, maxAge: '1y' }))
  return router
}

/** Addresses of the dashboard's own: those that are nothing else's, as somebody comes to them who opens a link. */
export const dashboardPages: RequestHandler = (request, response, next) => {
  const isPage = (request.method === 'GET' || request.method === 'HEAD') && !request.path.startsWith('/api/')
  if (isPage && wantsPage(request)) sendDashboard(response)
  else next()
}
