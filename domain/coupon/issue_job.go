package coupon

import (
	"context"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/issuejob"
	entorg "dongxiao/ent/org"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/listing"
	"dongxiao/internal/text"
)

// StopReason is why an issue job stopped before its end.
type StopReason string

// Reasons.
const (
	StoppedByStaff      StopReason = "STAFF"
	StoppedOutOfStock   StopReason = StopReason(apperr.OutOfStock)
	StoppedByBudget     StopReason = StopReason(apperr.BudgetExhausted)
	StoppedWithTemplate StopReason = StopReason(apperr.TemplateNotActive)
)

// maxStopNote is the longest reason of staff to stop a job, in characters: it is kept behind the reason's own name.
const maxStopNote = 200

// StopOf is why a job stopped and, where staff stopped it, in which words; empty where it did not stop.
func StopOf(job *ent.IssueJob) (StopReason, string) {
	reason, note, _ := strings.Cut(job.StopReason, ":")
	return StopReason(reason), note
}

// IssueJobInput is what CreateIssueJob needs.
type IssueJobInput struct {
	TemplateID     int64
	Audience       Audience
	Reason         string
	IdempotencyKey string
}

// AudienceSize counts the members who would be in the audience of an issue job of the template now. Staff with ISSUE_IN_BULK at the template's org call it. Refusals:
// NOT_FOUND, INVALID_INPUT.
func (s *Service) AudienceSize(ctx context.Context, templateID int64, in Audience) (int, error) {
	_, a, err := s.aim(ctx, templateID, in)
	if err != nil {
		return 0, err
	}
	total, _, err := s.count(auth.WithinBrand(ctx), a)
	return total, err
}

// aim reads the template and checks the audience that the viewer has in mind for it.
func (s *Service) aim(ctx context.Context, templateID int64, in Audience) (*ent.CouponTemplate, *audience, error) {
	within := auth.WithinBrand(ctx)
	template, err := s.Store.Client(within).CouponTemplate.Get(within, templateID)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.Orgs.Require(ctx, auth.IssueInBulk, template.OrgID)
	}
	if err != nil {
		return nil, nil, apperr.OfInput(err, "templateId")
	}
	issuer, err := s.Store.Client(within).Org.Get(within, template.OrgID)
	if err != nil {
		return nil, nil, err
	}
	a, err := s.checkAudience(within, issuer, in)
	return template, a, err
}

// CreateIssueJob begins to issue one coupon of the template to each member of an audience; RunIssueJobs carries it out. Staff with ISSUE_IN_BULK at the template's
// org call it, and reach its members only. Who comes into the audience while the job runs may get one too; a list is fixed. Names of a list that
// nobody of the audience has are counted as skipped at once. Job, recipients, audit entry and key are written together. Refusals: NOT_FOUND,
// INVALID_INPUT, REASON_REQUIRED, TEMPLATE_NOT_ACTIVE, AUDIENCE_EMPTY, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) CreateIssueJob(ctx context.Context, in IssueJobInput) (*ent.IssueJob, error) {
	var err error
	if in.Reason, err = text.Reason(in.Reason, maxReason); err != nil {
		return nil, err
	}
	template, a, err := s.aim(ctx, in.TemplateID, in.Audience)
	if err != nil {
		return nil, err
	}
	v := auth.FromContext(ctx)
	author, err := s.author(ctx, template.OrgID)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	key := in.IdempotencyKey
	in.IdempotencyKey = ""
	call := idempotency.Call{ActorID: v.PersonID, Operation: "couponIssueJobCreate", Key: key, Input: in}
	id, _, err := idempotency.DoNew(ctx, s.Store, call, func(ctx context.Context, id int64) error {
		if template.State != enum.TemplateActive {
			return apperr.New(apperr.TemplateNotActive).At("input", "templateId")
		}
		total, recipients, err := s.count(ctx, a)
		if err != nil {
			return err
		}
		if total == 0 {
			return apperr.New(apperr.AudienceEmpty).At("input", "audience")
		}
		unknown := 0
		if a.Listed {
			unknown = max(a.names-total, 0)
		}
		if err := s.Store.Client(ctx).IssueJob.Create().SetID(id).SetCreatedAt(s.Clock.Now()).SetTemplateID(template.ID).SetOrgID(template.OrgID).SetStaffID(author.ID).
			SetAudience(a.Audience).SetReason(in.Reason).SetTotal(int64(total + unknown)).SetSkipped(int64(unknown)).Exec(ctx); err != nil {
			return err
		}
		if err := s.insertRecipients(ctx, id, recipients); err != nil {
			return err
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: template.OrgID, Action: "couponIssueJobCreate", Subject: ids.ID{Kind: ids.IssueJob, Value: id}, Reason: in.Reason,
			After: map[string]any{"template": ids.Encode(ids.CouponTemplate, template.ID), "total": total + unknown}})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).IssueJob.Get(ctx, id)
}

// author is the role in which the viewer issues at the org.
func (s *Service) author(ctx context.Context, orgID int64) (*ent.Staff, error) {
	v := auth.FromContext(ctx)
	within := auth.WithinBrand(ctx)
	roles, err := s.Store.Client(within).Staff.Query().Where(staff.PersonID(v.PersonID), staff.StateEQ(enum.StaffActive),
		staff.OrgIDIn(v.OrgsWith(auth.IssueInBulk)...)).Order(staff.ByID()).All(within)
	if err != nil {
		return nil, err
	}
	for _, role := range roles {
		if !role.Role.Can(auth.IssueInBulk) {
			continue
		}
		covers, err := s.Orgs.Covers(ctx, []int64{role.OrgID}, orgID)
		if err != nil || covers {
			return role, err
		}
	}
	return nil, apperr.New(apperr.NotFound)
}

// insertRecipients writes the members of a list, a thousand with a statement.
func (s *Service) insertRecipients(ctx context.Context, jobID int64, memberIDs []int64) error {
	const row = "(?, ?, ?, ?, ?)"
	now, brandID := s.Clock.Now(), auth.FromContext(ctx).BrandID
	for start := 0; start < len(memberIDs); start += namesAtOnce {
		some := memberIDs[start:min(start+namesAtOnce, len(memberIDs))]
		args := make([]any, 0, 5*len(some))
		for _, id := range some {
			args = append(args, ids.Next(), now, brandID, jobID, id)
		}
		if _, err := s.Store.Client(ctx).ExecContext(ctx, insertRecipientsSQL+row+strings.Repeat(", "+row, len(some)-1), args...); err != nil {
			return err
		}
	}
	return nil
}

const insertRecipientsSQL = "INSERT INTO issue_recipients (id, created_at, brand_id, job_id, member_id) VALUES "

// StopIssueJob ends a job that runs; what it has issued stays issued. Staff with ISSUE_IN_BULK at the job's org call it. State and audit entry are written
// together. Refusals: NOT_FOUND, REASON_REQUIRED, INVALID_INPUT, ISSUE_JOB_ENDED.
func (s *Service) StopIssueJob(ctx context.Context, id int64, reason string) (*ent.IssueJob, error) {
	reason, err := text.Reason(reason, maxStopNote)
	if err != nil {
		return nil, err
	}
	job, err := s.issuedJob(ctx, id)
	if err != nil {
		return nil, err
	}
	within := auth.WithinBrand(ctx)
	err = s.Store.WithTx(within, func(ctx context.Context) error {
		n, err := s.Store.Client(ctx).IssueJob.Update().Where(issuejob.ID(id), issuejob.StateEQ(enum.IssueRunning)).SetState(enum.IssueStopped).
			SetStopReason(string(StoppedByStaff) + ":" + reason).SetFinishedAt(s.Clock.Now()).Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.IssueJobEnded)
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: job.OrgID, Action: "couponIssueJobStop", Subject: ids.ID{Kind: ids.IssueJob, Value: id},
			Before: map[string]any{"state": enum.IssueRunning}, After: map[string]any{"state": enum.IssueStopped}, Reason: reason})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(within).IssueJob.Get(within, id)
}

// ResumeIssueJob lets a job go on that has stopped, from where it has got to: whoever was served is not served again. Staff with ISSUE_IN_BULK at the job's org call
// it, once there is stock or budget again or the template is. State and audit entry are written together. Refusals: NOT_FOUND, REASON_REQUIRED, INVALID_INPUT,
// TEMPLATE_NOT_ACTIVE, ISSUE_JOB_NOT_STOPPED (it runs, or it is done).
func (s *Service) ResumeIssueJob(ctx context.Context, id int64, reason string) (*ent.IssueJob, error) {
	reason, err := text.Reason(reason, maxReason)
	if err != nil {
		return nil, err
	}
	job, err := s.issuedJob(ctx, id)
	if err != nil {
		return nil, err
	}
	within := auth.WithinBrand(ctx)
	err = s.Store.WithTx(within, func(ctx context.Context) error {
		client := s.Store.Client(ctx)
		n, err := client.IssueJob.Update().Where(issuejob.ID(id), issuejob.StateEQ(enum.IssueStopped)).SetState(enum.IssueRunning).SetStopReason("").ClearFinishedAt().Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.IssueJobNotStopped)
		}
		template, err := client.CouponTemplate.Get(ctx, job.TemplateID)
		if err == nil && template.State != enum.TemplateActive {
			err = apperr.New(apperr.TemplateNotActive)
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: job.OrgID, Action: "couponIssueJobResume", Subject: ids.ID{Kind: ids.IssueJob, Value: id},
			Before: map[string]any{"state": enum.IssueStopped, "stopReason": job.StopReason}, After: map[string]any{"state": enum.IssueRunning}, Reason: reason})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(within).IssueJob.Get(within, id)
}

// issuedJob is a job at whose org the viewer may issue in bulk, or NOT_FOUND.
func (s *Service) issuedJob(ctx context.Context, id int64) (*ent.IssueJob, error) {
	within := auth.WithinBrand(ctx)
	job, err := s.Store.Client(within).IssueJob.Get(within, id)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.Orgs.Require(ctx, auth.IssueInBulk, job.OrgID)
	}
	return job, apperr.OfInput(err, "id")
}

// IssueJobs lists the jobs of orgs at which the viewer holds READ_ISSUE_JOBS, newest first; in one state where that is not nil. It gives PAGE_SIZE_INVALID and
// CURSOR_INVALID.
func (s *Service) IssueJobs(ctx context.Context, state *enum.IssueJobState, first *int, after *string) (*listing.Page[*ent.IssueJob], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	inScope, err := s.Orgs.Scope(ctx, auth.ReadIssueJobs, issuejob.FieldOrgID)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).IssueJob.Query().Where(inScope)
	filter := ""
	if state != nil {
		filter = string(*state)
		query.Where(issuejob.StateEQ(*state))
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "couponIssueJobs", filter)
	var id int64
	if some, err := list.After(after, &id); err != nil {
		return nil, err
	} else if some {
		query.Where(issuejob.IDLT(id))
	}
	rows, err := query.Order(ent.Desc(issuejob.FieldID)).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(j *ent.IssueJob) []any { return []any{j.ID} })
}

// IssueJob is one of IssueJobs; NOT_FOUND where it is not in the viewer's scope.
func (s *Service) IssueJob(ctx context.Context, id int64) (*ent.IssueJob, error) {
	row, err := s.Store.Client(ctx).IssueJob.Query().Where(issuejob.ID(id), org.ScopePredicate(ctx, auth.ReadIssueJobs, issuejob.FieldOrgID)).Only(auth.WithinBrand(ctx))
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	return row, err
}

// issuerOf is the org of a job.
func (s *Service) issuerOf(ctx context.Context, job *ent.IssueJob) (*ent.Org, error) {
	return s.Store.Client(ctx).Org.Query().Where(entorg.ID(job.OrgID)).Only(ctx)
}
