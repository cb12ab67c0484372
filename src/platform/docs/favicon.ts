const DRAWING = `
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="7" fill="#2f7d4f"/>
  <path d="M7 15h18M7 25h18" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/>
  <g fill="#fff"><circle cx="11" cy="10" r="3"/><circle cx="19" cy="10" r="3"/><circle cx="15" cy="20" r="3"/></g>
</svg>`;

/** Shelves with goods on them, as a URL that needs no request. */
export const FAVICON = `data:image/svg+xml,${encodeURIComponent(DRAWING.trim())}`;
