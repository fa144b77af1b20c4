-- The shop's tables. Amounts are cents; moments are ISO 8601 in UTC, days YYYY-MM-DD; an address is JSON.

create table if not exists customers (
    customer_id text primary key,
    name text not null,
    email text not null unique,
    payment text not null check (payment in ('card', 'PayPal', 'iDEAL')),
    address text not null,
    points integer not null default 0,
    plan text not null check (plan in ('basic', 'plus_monthly', 'plus_yearly')),
    next_plan text check (next_plan in ('basic', 'plus_monthly')),
    renews_on text,
    trial_used integer not null default 0
) strict;

create table if not exists orders (
    order_id text primary key,
    customer_id text not null references customers,
    status text not null check (status in ('received', 'packing', 'sent', 'delivered', 'cancelled')),
    placed_at text not null,
    payment text not null,
    delivery_minor integer not null check (delivery_minor >= 0),
    address text not null
) strict;

create index if not exists orders_of_customer on orders (customer_id, placed_at);

create table if not exists items (
    order_id text not null references orders,
    name text not null,
    quantity integer not null check (quantity between 1 and 10),
    price_minor integer not null check (price_minor > 0),
    return_days integer not null check (return_days >= 0)
) strict;

create index if not exists items_of_order on items (order_id);

create table if not exists shipments (
    order_id text primary key references orders,
    carrier text not null,
    tracking_number text not null unique,
    sent_on text not null,
    expected_on text not null,
    delivered_on text
) strict;

create table if not exists refunds (
    refund_id text primary key,
    order_id text not null references orders,
    amount_minor integer not null check (amount_minor > 0),
    reason text not null,
    return_label text,
    made_at text not null,
    made_by_key text not null unique, -- the idempotency key of the request that made it
    undone_at text
) strict;

create index if not exists refunds_of_order on refunds (order_id);

create table if not exists mails ( -- this shop sends no e-mail: it shows on its page what it would have sent
    mail_id integer primary key,
    customer_id text not null references customers,
    kind text not null,
    subject text not null,
    body text not null,
    sent_at text not null
) strict;

create table if not exists requests ( -- every change that was asked for, with the first answer to it
    idempotency_key text primary key,
    webhook_id text not null,
    path text not null,
    customer_id text not null,
    body_hash text not null,
    status integer not null,
    answer text not null,
    arrived_at text not null,
    unique (webhook_id, path)
) strict;
