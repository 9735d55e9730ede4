/** Scalar writes its styles into the page; it needs no eval, and asks no other host. No other page has this policy. */
export const REFERENCE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page around the reference; without scripts it is the plain one. */
export const REFERENCE_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>fiskal-edge reference</title><link rel="icon" href="/page/icon.svg">
<noscript><meta http-equiv="refresh" content="0;url=/docs/plain"></noscript></head><body>
<div id="reference"><p>The reference opens. <a href="/docs/plain">The same without scripts</a></p></div>
<script src="/docs/scalar.js"></script><script type="module" src="/docs/start.js"></script>
</body></html>
`
