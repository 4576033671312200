// Package payment takes money through WeChat Pay (微信支付) and gives it back: merchant accounts, payments, notices, refunds, and the daily comparison
// with WeChat's bill. It knows nothing of what is paid for but Payable.
//
// A payment's row decides. What WeChat says of it, by a notice, as the answer to a question or in a bill, ends in one function, settle, which changes
// the row once: the notice's path and the poller's path are the same, in whatever order and however often they come. Money that came is always booked.
// What it was for is done in the same transaction; where that is not possible any more, the money is given back by a refund that the system asks for;
// where it is not as ordered, it is marked as disputed for people to decide. A notice is kept before it is answered and never fails because of our state.
//
// Nothing is called inside a transaction. What is to be asked or sent is a due time on the row (check_at), moved on by a conditional write before
// the call, which is the claim of whoever calls; a server that dies leaves rows that are due again. A refund keeps its number for every try.
//
// Locks are taken in this order: idempotency key, payment row, refund rows by number, what the payable locks (the top-up, the member's wallet,
// accounts and lots), the stripes of the ledger. Each settling transaction is of one payment.
package payment
