import supertest, { type Test } from 'supertest';
import { assertDocumentedError } from './documented-errors.js';

/** Talks HTTP to a running program, with an access token or without. Paths are below /api/v1. Errors must be documented. */
export class Client {
  constructor(
    readonly url: string,
    readonly accessToken?: string,
  ) {}

  get(path: string): Test {
    return this.send('get', path);
  }

  post(path: string, body?: object): Test {
    return this.send('post', path, body);
  }

  put(path: string, body?: object): Test {
    return this.send('put', path, body);
  }

  patch(path: string, body?: object): Test {
    return this.send('patch', path, body);
  }

  delete(path: string): Test {
    return this.send('delete', path);
  }

  /** A client that is logged in as someone else. */
  async login(username: string, password: string): Promise<Client> {
    const { body } = (await this.post('/auth/login', { username, password }).expect(200)) as {
      body: { access_token: string };
    };
    return new Client(this.url, body.access_token);
  }

  private send(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object): Test {
    const url = `/api/v1${path}`;
    const request = supertest(this.url)[method](url);
    void request.expect((response) => {
      assertDocumentedError(method, url, response);
    });
    if (this.accessToken) void request.set('Authorization', `Bearer ${this.accessToken}`);
    return body === undefined ? request : request.send(body);
  }
}
