"""What a browser may do with a page: the headers of every page, and of what it loads."""

from collections.abc import Mapping

CONTENT = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",  # a chart as PNG goes through a blob
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",  # no page makes markup of text, so none needs a policy for it
    )
)

PAGE: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # under no-referrer a browser hides the Origin that the gate asks for
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",  # it names the assets of this release
}

ASSET: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=31536000, immutable",  # their path has their digest
}
