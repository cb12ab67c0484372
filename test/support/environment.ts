// What every test file starts from; a test adds to it through `Shop.open`.
process.env.NODE_ENV = 'test';
// The cheapest hash that bcrypt offers: most tests are not about passwords.
process.env.BCRYPT_COST = '4';
process.env.SECRET_KEY = 'a secret key for tests, long enough for production';
// Tests log in, and fail to, hundreds of times from one address.
process.env.RATE_LIMIT_ENABLED = 'false';
