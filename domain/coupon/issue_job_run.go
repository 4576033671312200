package coupon

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/issuejob"
	"dongxiao/internal/apperr"
)

const (
	// jobChunk is how many members one transaction of a job serves: for so long the template's row is taken from those who claim.
	jobChunk = 250
	// jobsAtOnce is how many jobs take turns.
	jobsAtOnce = 50
)

// errOvertaken says that another server has served these members, or that the job was stopped. Nothing has happened.
var errOvertaken = errors.New("the job has moved on")

// RunIssueJobs carries issue jobs of what is swept out, a chunk of each in turn, until none runs. It is a periodic job; several servers may at once, and one may die at
// any moment: a chunk's coupons, counters, events and the place that the job has got to are one transaction, which holds only where nobody else has
// moved the place, and the claim key of the job is unique for each member besides.
func (s *Service) RunIssueJobs(ctx context.Context) error {
	ctx = swept(ctx)
	for ctx.Err() == nil {
		jobs, err := s.Store.Client(ctx).IssueJob.Query().Where(issuejob.StateEQ(enum.IssueRunning)).Order(issuejob.ByID()).Limit(jobsAtOnce).All(ctx)
		if err != nil || len(jobs) == 0 {
			return err
		}
		var failures []error
		for _, job := range jobs {
			if err := s.serve(auth.System(ctx, job.BrandID), job); err != nil {
				failures = append(failures, fmt.Errorf("issue job %d: %w", job.ID, err))
			}
		}
		if len(failures) == len(jobs) {
			return errors.Join(failures...)
		}
	}
	return ctx.Err()
}

// serve issues to the next members of a job. ctx is the system's within the job's brand.
func (s *Service) serve(ctx context.Context, job *ent.IssueJob) error {
	issuer, err := s.issuerOf(ctx, job)
	if err != nil {
		return err
	}
	// Members are found before the transaction, whose first statement is the lock of the template, so that nothing in it is older than that.
	memberIDs, err := s.next(ctx, job, issuer, jobChunk)
	if err != nil {
		return err
	}
	err = s.Store.WithTx(ctx, func(ctx context.Context) error { return s.serveAll(ctx, job, memberIDs) })
	if errors.Is(err, errOvertaken) || errors.Is(err, errStale) {
		return nil
	}
	return err
}

// serveAll is the transaction of serve.
func (s *Service) serveAll(ctx context.Context, job *ent.IssueJob, memberIDs []int64) error {
	update := s.Store.Client(ctx).IssueJob.Update().Where(issuejob.ID(job.ID), issuejob.StateEQ(enum.IssueRunning), issuejob.LastMemberID(job.LastMemberID))
	var stop apperr.Code
	if len(memberIDs) > 0 {
		w := ways[enum.SourceBulk]
		w.jobID = job.ID
		done, err := s.issueNext(ctx, job.TemplateID, memberIDs, "job:"+strconv.FormatInt(job.ID, 36), w)
		if err != nil {
			return err
		}
		if stop = done.stop; done.members > 0 {
			update.SetLastMemberID(memberIDs[done.members-1])
		}
		update.AddIssued(done.issued).AddSkipped(done.skipped)
	}
	switch {
	case stop != "":
		update.SetState(enum.IssueStopped).SetStopReason(string(stop)).SetFinishedAt(s.Clock.Now())
	case len(memberIDs) < jobChunk:
		update.SetState(enum.IssueDone).SetFinishedAt(s.Clock.Now())
	}
	n, err := update.Save(ctx)
	if err == nil && n != 1 {
		err = errOvertaken
	}
	return err
}

// served is what issueNext has done.
type served struct {
	// members is how many of the members have been looked at, issued and skipped how many of them got a coupon and could not.
	members         int
	issued, skipped int64
	// stop is why the others were not looked at: what the template refuses everybody.
	stop apperr.Code
}

// issueNext issues a coupon to each of the members, sorted by number, inside the caller's transaction, until the template refuses everybody.
func (s *Service) issueNext(ctx context.Context, templateID int64, memberIDs []int64, key string, w way) (served, error) {
	claims := make([]claim, len(memberIDs))
	for i, id := range memberIDs {
		claims[i] = claim{id, key}
	}
	b, err := s.openBook(ctx, templateID, claims, w)
	if err != nil {
		return served{}, err
	}
	var done served
	for _, c := range claims {
		_, refusal := b.decide(c)
		switch code := apperr.CodeOf(refusal); code {
		case "":
		case apperr.OutOfStock, apperr.BudgetExhausted, apperr.TemplateNotActive:
			done.stop = code
		case apperr.LimitReached, apperr.MemberFrozen, apperr.MemberCancelled, apperr.NotFound:
			done.skipped++
		default:
			return served{}, refusal
		}
		if done.stop != "" {
			break
		}
		done.members++
	}
	done.issued = int64(len(b.issued))
	if err := s.write(ctx, b); err != nil {
		return served{}, err
	}
	s.soldOutAfter(ctx, b)
	return done, nil
}
