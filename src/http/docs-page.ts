import { fileURLToPath } from 'node:url'
import express, { type RequestHandler, Router } from 'express'

/** `/docs` shows the OpenAPI document to read and try, with nothing from elsewhere. */
export const docsPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>pgbeat API</title>
    <link rel="icon" type="image/png" href="/docs/assets/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/assets/page.js"></script>
  </body>
</html>
`

const script = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null })
`

/** What the page may load and do; its script sets styles. */
export const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What the page is made of. swagger-ui's own index.html is not: it would show somebody else's document. */
const shown = ['/swagger-ui.css', '/swagger-ui-bundle.js', '/favicon-32x32.png']

/** The files behind `/docs`, below `/docs/assets`. */
export function docsAssets(): Router {
  const directory = fileURLToPath(new URL('.', import.meta.resolve('swagger-ui-dist/package.json')))
  const onlyShown: RequestHandler = (request, _response, next) =>
    next(shown.includes(request.path) ? undefined : 'router')
  const router = Router({ caseSensitive: true })
  router.use('/page.js', (_request, response) => {
    response.type('js').end(script)
  })
  router.use(onlyShown, express.static(directory, { index: false, maxAge: '1h' }))
  return router
}
