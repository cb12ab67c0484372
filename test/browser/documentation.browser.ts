import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { Program } from '../support/program.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

interface Operation {
  operationId: string;
  summary: string;
  tags: [string];
}

let folder: string;
let origin: string;
let browser: Browser;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  origin = (await new Program(folder).ready).origin;
});

afterAll(async () => {
  await browser.close();
  await Program.endAll();
});

describe.each([
  { device: 'a desktop', viewport: { width: 1280, height: 900 }, isMobile: false },
  // It shows a page that says nothing of its width as one of 980 pixels, made small.
  { device: 'a phone', viewport: { width: 390, height: 844 }, isMobile: true },
])('The documentation on $device', ({ viewport, isMobile }) => {
  let context: BrowserContext;
  let page: Page;
  /** Whatever a visitor would find in the browser's console, and every request to somewhere else. */
  let complaints: string[];

  beforeEach(async () => {
    complaints = [];
    context = await browser.newContext({ viewport, isMobile });
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    context.on('weberror', (error) => complaints.push(String(error.error())));
    context.on('requestfailed', (request) => complaints.push(`Failed: ${request.url()}`));
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'data:' && url.origin !== origin) complaints.push(`Elsewhere: ${request.url()}`);
    });
    page = await context.newPage();
  });

  afterEach(() => context.close());

  it('is found by a visitor of the bare address', async () => {
    await page.goto(origin);
    expect(await overflow()).toBe(0);
    const links = await page
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links).toEqual(['/docs', '/redoc', '/health/ready']);
    for (const link of links) expect((await page.request.get(`${origin}${link}`)).status()).toBe(200);
    await page.getByRole('link', { name: 'Swagger UI' }).click();
    await page.getByRole('button', { name: 'Authorize' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('lets a visitor of Swagger UI log in and try an operation', async () => {
    await page.goto(`${origin}/docs`);
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.getByLabel('username:').fill('admin');
    await page.getByLabel('password:').fill('Admin1234!');
    await page.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click();
    await page.getByRole('button', { name: 'Remove authorization' }).waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).click();

    const operation = page.locator('#operations-Items-listItems');
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();

    const answer = operation.locator('.live-responses-table tbody');
    expect(await answer.locator('.response-col_status').innerText()).toMatch(/^200/);
    const items: unknown = JSON.parse(await answer.locator('.highlight-code code').innerText());
    expect(items).toHaveLength(32);
    expect(items).toContainEqual(expect.objectContaining({ name: 'Red Apples', sku: 'FP-APPLE-RED' }));
    expect(await overflow()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('lets a visitor of Swagger UI filter by tag', async () => {
    await page.goto(`${origin}/docs`);
    await page.getByPlaceholder('Filter by tag').fill('movements');
    await page.getByRole('heading', { name: 'Users' }).waitFor({ state: 'detached' });
    const tags = await page.locator('.opblock-tag').evaluateAll((headings) => headings.map(({ id }) => id));
    expect(tags).toEqual(['operations-tag-Stock_movements']);
    expect(complaints).toEqual([]);
  });

  it('shows a visitor of ReDoc every operation', async () => {
    const operations = await documentedOperations();
    await page.goto(`${origin}/redoc`);
    const sections = page.locator('[id*="/operation/"]');
    await sections.nth(operations.length - 1).waitFor();
    const shown = await sections.evaluateAll((elements) =>
      elements.map((element) => [element.id, element.querySelector('h2')?.textContent?.trim()]),
    );
    expect(shown).toEqual(
      operations.map(({ operationId, summary, tags: [tag] }) => [
        `tag/${tag.replace(' ', '-')}/operation/${operationId}`,
        summary,
      ]),
    );
    expect(await overflow()).toBe(0);
    expect(complaints).toEqual([]);
  });

  /** In the order of their tags, as pages show them. */
  async function documentedOperations(): Promise<Operation[]> {
    const response = await fetch(`${origin}/openapi.json`);
    const { paths, tags } = (await response.json()) as {
      paths: Record<string, Record<string, Operation>>;
      tags: { name: string }[];
    };
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    return tags.flatMap(({ name }) => operations.filter(({ tags: [tag] }) => tag === name));
  }

  /** How many pixels the page is too wide for the device. */
  async function overflow(): Promise<number> {
    return (await page.evaluate<number>('document.documentElement.scrollWidth')) - viewport.width;
  }
});
